"""The chat on the hotel's own web site: a foreign page, a button, and the staff behind the API."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Frame, Locator, Page, Request, Route, expect

from tests.browser.guest import MESSAGES, POLLS, Visit, deaf, unique
from tests.browser.server import Server, Staff
from tests.browser.site import Site, box, chat, launcher, open_chat, state, write
from tests.browser.test_chat_text import HARMFUL

pytestmark = pytest.mark.system


def begin(page: Page, words: str = "Hello") -> str:
    """A first message that arrives; returns what it said."""
    content = unique(words)
    open_chat(page)
    write(page, content)
    expect(state(page, content)).to_have_text("Delivered")
    return content


def heard(page: Page, content: str) -> Locator:
    """A message from the hotel."""
    return chat(page).locator("li.theirs", has_text=content)


def the_frame(page: Page) -> Frame:
    """The chat's own document."""
    return next(frame for frame in page.frames if "/widget" in frame.url)


def leave(page: Page, site: Site) -> None:
    """On to another page of the site, and so without the chat until it is loaded again."""
    page.goto(f"{site.url}/rooms")


def test_a_guest_on_the_hotels_site_asks_and_the_staff_answer(
    visit: Visit, site: Site, maria: Staff
) -> None:
    page = visit(site.url)
    question, reply = begin(page, "Is there parking?"), unique("Yes, behind the hotel.")
    conversation = maria.conversation(question)["id"]
    assert maria.said(conversation) == [question]
    with deaf(page):
        sent = maria.answer(conversation, reply)
        maria.until_status(conversation, sent["id"], "sent")
    expect(heard(page, reply).locator(".who")).to_have_text("María")
    maria.until_status(conversation, sent["id"], "read")
    assert maria.history(sent["id"]) == ["queued", "sending", "sent", "delivered", "read"]


def test_what_became_of_a_message_is_told_truly(visit: Visit, site: Site, maria: Staff) -> None:
    page = visit(site.url)
    first = begin(page)
    again = unique("And breakfast?")
    write(page, again)
    expect(state(page, again)).to_have_text("Delivered")
    expect(state(page, first)).to_have_text("")  # what comes before is delivered as well
    conversation = maria.conversation(again)["id"]
    maria.messages(conversation)  # fetching it is not reading it
    page.wait_for_event("response", lambda r: bool(POLLS.search(r.url)))
    expect(state(page, again)).to_have_text("Delivered")
    maria.ask("POST", f"/conversations/{conversation}/read")
    expect(state(page, again)).to_have_text("Read")
    later = unique("At eight?")
    write(page, later)
    expect(state(page, later)).to_have_text("Delivered")
    expect(state(page, again)).to_have_text("Read")


def test_the_button_tells_of_what_came_while_the_panel_was_closed(
    visit: Visit, site: Site, maria: Staff
) -> None:
    page = visit(site.url)
    question = begin(page)
    conversation = maria.conversation(question)["id"]
    chat(page).get_by_role("button", name="Close the chat").click()
    expect(box(page)).to_be_hidden()
    sent = [maria.answer(conversation, unique(words)) for words in ("Good morning", "All is well")]
    leave(page, site)
    expect(launcher(page)).to_have_accessible_name("Chat with us, 2 new messages")
    expect(page.locator(".count")).to_have_text("2")
    expect(page.get_by_role("status")).to_have_text("2 new messages")
    maria.until_status(conversation, sent[1]["id"], "delivered")
    launcher(page).click()
    expect(heard(page, "All is well")).to_be_visible()
    maria.until_status(conversation, sent[1]["id"], "read")
    expect(page.locator(".count")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(launcher(page)).to_have_accessible_name("Chat with us")


NOTHING_KEPT = """if (window !== window.top) Object.defineProperty(window, 'localStorage', {
    get() { throw new DOMException('Access is denied for this document.', 'SecurityError'); } })"""


@pytest.mark.parametrize("near", [True, False], ids=["kept by the frame", "kept by the page"])
def test_a_visitor_is_remembered_from_page_to_page(
    visit: Visit, site: Site, maria: Staff, near: bool
) -> None:
    """Many browsers let no frame of another site keep anything; on the same site frames may."""
    page = visit(site.near if near else site.url)
    if not near:
        page.context.add_init_script(NOTHING_KEPT)
        page.reload()
    question = begin(page)
    refused = the_frame(page).evaluate("try { localStorage.length; false } catch { true }")
    assert refused is not near
    box(page).fill("half a sent")
    page.reload()
    launcher(page).click()
    expect(chat(page).get_by_text(question)).to_be_visible()
    expect(box(page)).to_have_value("half a sent")
    again = unique("Me again")
    write(page, again)
    expect(state(page, again)).to_have_text("Delivered")
    assert maria.said(maria.conversation(again)["id"]) == [question, again]
    kept = page.evaluate("Object.keys({ ...localStorage, ...sessionStorage })")
    assert sorted(kept) == ["jack.chat.begun"] + ["jack.chat.kept"] * (not near)


def test_where_nothing_at_all_can_be_kept_the_chat_still_works(
    visit: Visit, site: Site, ada: Staff
) -> None:
    page = visit("/robots.txt")
    page.add_init_script(
        """delete Crypto.prototype.randomUUID;
        for (const name of ["localStorage", "sessionStorage"])
          Object.defineProperty(window, name, { get() { throw new DOMException("no"); } });"""
    )
    page.goto(site.url)
    question = begin(page)
    assert ada.said(ada.conversation(question)["id"]) == [question]


def test_nonsense_in_the_pages_memory_harms_nobody(visit: Visit, site: Site, ada: Staff) -> None:
    page = visit(site.url)
    page.evaluate(
        """localStorage["jack.chat.begun"] = "yes"; sessionStorage["jack.chat.kept"] = "[7,{" """
    )
    page.reload()
    question = begin(page)
    assert ada.said(ada.conversation(question)["id"]) == [question]


def test_a_double_click_sends_once(visit: Visit, site: Site, ada: Staff) -> None:
    page = visit(site.url)
    question, again = begin(page), unique("Two towels, please")
    box(page).fill(again)
    chat(page).get_by_role("button", name="Send").dblclick()
    expect(state(page, again)).to_have_text("Delivered")
    assert ada.said(ada.conversation(again)["id"]) == [question, again]


def test_a_double_click_on_the_button_opens_the_chat(visit: Visit, site: Site) -> None:
    page = visit(site.url)
    launcher(page).dblclick(position={"x": 150, "y": 20})
    expect(chat(page).get_by_label("Your name")).to_be_focused()
    expect(launcher(page)).to_have_attribute("aria-expanded", "true")
    assert page.locator("iframe").count() == 1


def test_a_message_written_without_connection_outlives_the_page_and_is_sent_once(
    visit: Visit, site: Site, ada: Staff
) -> None:
    page = visit(site.url)
    question, kept = begin(page), unique("Is the pool open?")
    page.context.route(MESSAGES, lambda route: route.abort())
    write(page, kept)
    expect(state(page, kept)).to_have_text("Not sent yet, retrying …")
    expect(chat(page).get_by_role("status")).to_contain_text("No connection")
    leave(page, site)
    page.context.unroute_all()
    launcher(page).click()
    expect(state(page, kept)).to_have_text("Delivered")
    assert ada.said(ada.conversation(kept)["id"]) == [question, kept]


def test_a_message_whose_answer_got_lost_is_sent_again_under_the_same_key(
    visit: Visit, site: Site, ada: Staff
) -> None:
    page = visit(site.url)
    question = begin(page)
    keys: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            keys.append(route.request.post_data_json["clientMessageId"])
        if route.request.method == "POST" and len(keys) < 3:
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(MESSAGES, lose)
    again = unique("One more pillow")
    write(page, again)
    expect(state(page, again)).to_have_text("Delivered")
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert ada.said(ada.conversation(again)["id"]) == [question, again]


def test_a_closed_panel_and_an_idle_guest_ask_less_often(visit: Visit, site: Site) -> None:
    page = visit("/robots.txt")
    page.clock.install()
    page.goto(site.url)
    begin(page)
    asked: list[Request] = []
    ended: list[Request] = []
    page.on("request", lambda r: POLLS.search(r.url) and asked.append(r))
    for end in ("requestfinished", "requestfailed"):  # to Chromium a 304 nobody reads has failed
        page.on(end, lambda r: POLLS.search(r.url) and ended.append(r))

    def polls_in(seconds: int) -> int:
        before = len(asked)
        for _ in range(seconds):
            page.clock.run_for(1_000)
            page.wait_for_timeout(20)
            while len(ended) < len(asked):  # the next one is due some time after the answer
                page.wait_for_timeout(10)
        return len(asked) - before

    assert 3 <= polls_in(15) <= 8  # every 2 to 3 seconds
    page.clock.fast_forward(125_000)  # nothing moves
    polls_in(3)
    assert polls_in(40) <= 3
    page.keyboard.press("Shift")
    assert 3 <= polls_in(15) <= 9
    page.keyboard.press("Escape")
    polls_in(3)
    assert 1 <= polls_in(45) <= 3


def test_whatever_is_written_or_anybody_is_called_is_text(
    visit: Visit, site: Site, ada: Staff
) -> None:
    word = "".join(HARMFUL[:2]).replace(" ", "/")  # staff are shown by their first
    token = ada.invite(f"{word} Smith", f"{uuid.uuid4().hex}@hotel.example")
    invited = {"token": token, "password": "a sunny terrace"}
    session = ada.ask("POST", "/auth/accept-invite", json=invited)
    title = "".join(HARMFUL[:2])[:100]
    site.configure(ada, title=title, greeting=HARMFUL[2], awayMessage=HARMFUL[3], hours={})
    site.show(label=HARMFUL[1])
    page = visit(site.url)
    page.evaluate("addEventListener('message', ({ data }) => { window.last = data })")
    expect(launcher(page)).to_have_accessible_name(HARMFUL[1])
    question = begin(page)
    path = f"/conversations/{ada.conversation(question)['id']}/messages"
    as_they = {"Authorization": f"Bearer {session['token']}"}
    for text in HARMFUL:
        ada.ask("POST", path, json={"content": text, "type": "text"}, headers=as_they)
    expect(heard(page, "").locator(".what")).to_have_text([HARMFUL[3], *HARMFUL])
    expect(chat(page).get_by_role("heading", level=1)).to_have_text(title)
    assert set(heard(page, "").locator(".who").all_text_contents()[1:]) == {word}
    for frame in page.frames:
        assert frame.evaluate("window.harmed") is None
    tags = "document.querySelectorAll('body script, iframe, svg, a, li img').length"
    assert the_frame(page).evaluate(tags) == 0
    assert page.locator("body iframe").count() == 1


def test_a_chat_that_is_switched_off_has_no_button(visit: Visit, site: Site, ada: Staff) -> None:
    site.configure(ada, enabled=False)
    page = visit(site.url)
    page.wait_for_load_state("networkidle")
    expect(launcher(page)).to_have_count(0)


def test_a_visitor_who_does_not_want_the_chat_loads_next_to_nothing(
    visit: Visit, site: Site, server: Server
) -> None:
    page = visit("/robots.txt")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site.url)
    expect(launcher(page)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if url.startswith(server.url)] == [f"{server.url}/widget.js"]


def test_the_script_twice_is_one_button_and_the_page_can_open_the_chat(
    visit: Visit, site: Site
) -> None:
    site.page = site.page.replace(
        "</body>", f'<script src="{site.jack}/widget.js"></script></body>'
    )
    page = visit(site.url)
    expect(launcher(page)).to_have_count(1)
    page.evaluate("JackChat.open()")
    expect(launcher(page)).to_have_attribute("aria-expanded", "true")
    expect(chat(page).get_by_role("button", name="Skip")).to_be_visible()
    page.evaluate("JackChat.close()")
    expect(launcher(page)).to_have_attribute("aria-expanded", "false")


@pytest.mark.parametrize(
    ("data", "label", "left"),
    [
        ({}, "Chat with us", False),
        ({"language": "es", "position": "left"}, "Hablar con nosotros", True),
        ({"language": "es-MX"}, "Hablar con nosotros", False),
        ({"language": "xx", "position": "middle"}, "Chat with us", False),
        ({"label": "Reception"}, "Reception", False),
    ],
)
def test_the_script_says_where_the_button_is_and_what_it_says(
    visit: Visit, site: Site, data: dict[str, str], label: str, left: bool
) -> None:
    site.show(**data)
    page = visit(site.url)
    expect(launcher(page)).to_have_accessible_name(label)
    place = launcher(page).bounding_box()
    assert place is not None
    assert (place["x"] < 500) is left
    launcher(page).click()
    words = "Omitir" if label.startswith("Hablar") else "Skip"
    expect(chat(page).get_by_role("button", name=words)).to_be_visible()


def test_the_page_around_it_says_which_language(visit: Visit, site: Site) -> None:
    site.show(language="es")
    page = visit(site.url)
    expect(launcher(page)).to_have_accessible_name("Hablar con nosotros")
    launcher(page).click()
    expect(chat(page).locator("html")).to_have_attribute("lang", "es")


@pytest.mark.parametrize("colour", ["#ffd400", "#0b1f4b", "#b4552d", "red; content: url(x)"])
def test_a_colour_is_the_buttons_and_the_chats(visit: Visit, site: Site, colour: str) -> None:
    site.show(colour=colour)
    page = visit(site.url)
    launcher(page).click()
    head = chat(page).locator("header")
    expect(head).to_be_visible()
    wanted = colour if re.fullmatch("#[0-9a-f]{6}", colour) else "#0d6a5b"
    parts = ", ".join(str(int(wanted[at : at + 2], 16)) for at in (1, 3, 5))
    expect(head).to_have_css("background-color", f"rgb({parts})")
    expect(launcher(page)).to_have_css("background-color", f"rgb({parts})")
