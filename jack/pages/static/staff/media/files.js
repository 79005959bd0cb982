// The files of a message.

import { html } from "../preact.js";
import { Attachment } from "./attachment.js";

/** @param {{ message: Api.Message }} props */
export const Files = ({ message: { attachments, conversationId, details } }) => html`
  <ul class="files">
    ${attachments.map(
      (file) => html`
        <${Attachment}
          key=${file.id}
          file=${file}
          conversationId=${conversationId}
          voice=${details?.voice}
        />
      `,
    )}
  </ul>
`;
