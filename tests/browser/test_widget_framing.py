"""Who may show the chat, and who may talk with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.guest import Visit
from tests.browser.server import Server, Staff
from tests.browser.site import Site, box, chat, launcher, open_chat, serving
from tests.browser.test_widget import begin, the_frame

pytestmark = pytest.mark.system


@pytest.fixture
def stranger(server: Server, site: Site) -> Iterator[Site]:
    """A site that the hotel knows nothing of."""
    with serving(server.url) as made:
        yield made


@pytest.fixture
def blocked(browser: Browser) -> Iterator[Page]:
    """A window in which the browser may complain of what it does not show."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    yield page
    context.close()


def test_a_site_that_is_not_listed_cannot_show_the_chat_and_says_where_it_is(
    blocked: Page, stranger: Site, server: Server
) -> None:
    complaints: list[str] = []
    blocked.on("console", lambda message: complaints.append(message.text))
    blocked.goto(stranger.url)
    launcher(blocked).click()
    link = blocked.get_by_role("link", name="Open the chat in a window of its own")
    expect(link).to_be_visible()
    assert any("frame-ancestors" in text for text in complaints)
    assert all(not frame.url.startswith(server.url) for frame in blocked.frames)
    with blocked.expect_popup() as opened:
        link.click()
    expect(opened.value.get_by_role("button", name="Skip")).to_be_visible()
    blocked.keyboard.press("Escape")
    expect(launcher(blocked)).to_be_focused()


def test_a_phone_is_not_caught_in_a_panel_without_a_chat(visit: Visit, site: Site) -> None:
    page = visit(site.url, viewport={"width": 390, "height": 780}, has_touch=True)
    page.route("**/widget?*", lambda route: route.abort())
    launcher(page).tap()
    expect(page.get_by_text("The chat cannot be shown here.")).to_be_visible()
    launcher(page).tap()
    expect(launcher(page)).to_have_attribute("aria-expanded", "false")


def test_a_site_that_is_taken_off_the_list_is_refused_at_once(
    blocked: Page, site: Site, ada: Staff
) -> None:
    blocked.goto(site.url)
    launcher(blocked).click()
    expect(chat(blocked).get_by_role("button", name="Skip")).to_be_visible()
    ada.ask("PUT", "/settings/channels.web", json={"value": {"enabled": True, "sites": []}})
    blocked.reload()
    launcher(blocked).click()
    expect(blocked.get_by_text("The chat cannot be shown here.")).to_be_visible()


def test_a_chat_that_could_not_be_loaded_is_tried_again(visit: Visit, site: Site) -> None:
    page = visit(site.url)
    page.route("**/widget?*", lambda route: route.abort())
    launcher(page).click()
    expect(page.get_by_text("The chat cannot be shown here.")).to_be_visible()
    launcher(page).click()
    page.unroute_all()
    launcher(page).click()
    expect(chat(page).get_by_role("button", name="Skip")).to_be_visible()
    expect(page.get_by_text("The chat cannot be shown here.")).to_be_hidden()


@pytest.mark.parametrize("path", ["/chat", "/"])
def test_no_other_page_is_shown_even_by_a_listed_site(
    blocked: Page, site: Site, server: Server, path: str
) -> None:
    site.page = f"<iframe src='{server.url}{path}'></iframe>"
    blocked.goto(site.url)
    blocked.wait_for_load_state("networkidle")
    assert [frame.url for frame in blocked.frames[1:]] != [f"{server.url}{path}"]


def test_the_widget_works_under_a_strict_policy_of_the_site(
    visit: Visit, site: Site, server: Server
) -> None:
    site.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {server.url}; frame-src {server.url}; img-src data:; "
        "style-src 'none'; require-trusted-types-for 'script'"
    )
    site.page = site.page.replace("<style>", "<template>").replace("</style>", "</template>")
    page = visit(site.url)
    begin(page)
    expect(launcher(page)).to_have_css("position", "fixed")
    expect(launcher(page)).to_have_css("border-radius", "28px")


def test_the_look_of_the_site_does_not_reach_the_button(visit: Visit, site: Site) -> None:
    page = visit(site.url)  # its style sheet undoes every button and frames every iframe
    expect(launcher(page)).to_have_css("background-color", "rgb(13, 106, 91)")
    launcher(page).click()
    expect(page.locator("iframe")).to_have_css("outline-style", "none")


# ------------------------------------------------------------------------------------------------ messages between windows


def test_the_button_listens_to_its_own_frame_only(visit: Visit, site: Site) -> None:
    page = visit(site.near)
    open_chat(page)
    site.page = "<script>parent.postMessage({ jack: { close: true, unread: 7, begun: true } }, '*')</script>"
    page.evaluate(
        """async url => {
            for (const news of [{ close: true }, { unread: 9 }, null, "close", 7]) postMessage({ jack: news }, "*");
            const other = document.createElement("iframe");
            other.src = url;
            document.body.append(other);
            await new Promise(loaded => { other.onload = loaded; });
        }""",
        site.url,
    )
    page.wait_for_timeout(200)
    expect(launcher(page)).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".count")).to_have_text("0")


def test_nonsense_from_the_frame_does_no_harm(visit: Visit, site: Site) -> None:
    page = visit(site.near)
    open_chat(page)
    the_frame(page).evaluate(
        """() => { for (const jack of [null, 7, "x", { unread: "<b>" }, { unread: -1 }, { unread: 1e9 }, { unread: 0 }])
            parent.postMessage({ jack }, "*"); }"""
    )
    expect(launcher(page)).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".count")).to_have_text("0")


def test_the_chat_listens_to_the_page_around_it_only(visit: Visit, site: Site) -> None:
    page = visit(site.near)
    open_chat(page)
    box(page).fill("Half")
    frame = the_frame(page)
    shown = "document.hasFocus(), document.getElementById('text').value"
    frame.evaluate("postMessage({ jack: { open: false, kept: '[]' } }, '*')")  # by itself
    page.evaluate(
        """() => { for (const jack of [null, 7, {}, { open: "yes" }, { open: 1 }])
            document.querySelector("body > div").shadowRoot.querySelector("iframe").contentWindow.postMessage({ jack }, "*"); }"""
    )
    page.wait_for_timeout(200)
    assert frame.evaluate(f"[{shown}]") == [True, "Half"]


def test_an_opener_cannot_steer_the_frame_of_another_page(
    visit: Visit, site: Site, server: Server
) -> None:
    """A page shown on its own is nobody's panel: what is sent to it is not heard."""
    page = visit(f"{server.url}/widget")
    page.evaluate(
        "postMessage({ jack: { open: true, focus: true, kept: '[[\"draft\",\"harm\"]]' } }, '*')"
    )
    page.get_by_role("button", name="Skip").click()
    expect(page.get_by_label("Your message")).to_have_value("")


def test_messages_go_to_no_window_but_the_right_one(visit: Visit, site: Site) -> None:
    page = visit("/robots.txt")
    page.add_init_script(
        """window.targets = [];
        const post = window.postMessage;
        window.postMessage = function (message, target) { targets.push(target); return post.apply(this, arguments); };"""
    )
    page.goto(site.near)
    open_chat(page)
    assert set(page.evaluate("targets")) <= {site.near}
    assert "*" not in the_frame(page).evaluate("targets")
