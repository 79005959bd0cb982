// The latest message of a conversation that is not yet to leave: those to leave stand after it.

/** @param {Api.Message[] | null} messages */
export const lastSaid = (messages) => messages?.findLast(({ status }) => status !== "scheduled");
