"""The staff page with guests by SMS: what an answer costs, and senders that take none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from random import Random

import pytest
from playwright.sync_api import expect

from jack.channels import text_split
from tests.browser.guest import Visit, unique
from tests.browser.server import Server, Staff
from tests.browser.staff import box, enter, row
from tests.peers.hooks import to_url
from tests.peers.twilio import TwilioPeer

pytestmark = pytest.mark.system

numbers = count(15557770000)
# Characters of every kind that counts: basic, extension, accents, emoji, marks, ends of sentences, white space.
SIGNS = "abcdefgh ñéü €[]^ á 日。🙂👩\u200d\U0001f3fd e\u0301 .!?)» \n\n\u3000\u00a0\ufeff"
COST = """async (texts) => {
  const { src } = document.querySelector("script[type=module][src*='/staff/']");
  const { cost } = await import(new URL("sms/segments.js", src).href);
  return texts.map(([text, files]) => cost(text, files).segments);
}"""


@pytest.fixture(scope="module")
def twilio(server: Server, ada: Staff) -> Iterator[TwilioPeer]:
    with TwilioPeer(hook=to_url(server.url), public_url=server.url) as peer:
        ada.ask("PUT", "/settings/channels.sms", json={"value": peer.sms_settings()})
        yield peer
        peer.settled()
        off = peer.sms_settings() | {"enabled": False}
        ada.ask("PUT", "/settings/channels.sms", json={"value": off})


def test_the_reply_box_says_what_an_sms_costs(visit: Visit, twilio: TwilioPeer) -> None:
    sender = f"+{next(numbers)}"
    twilio.guest(sender).says("Is there a pool?")
    page = enter(visit)
    row(page, sender).click()
    counted = page.locator(".sms-count")
    box(page).fill("Yes, until ten.")
    expect(counted).to_have_text("Characters: 15 · SMS: 1")
    box(page).fill("a" * 161)
    expect(counted).to_have_text("Characters: 161 · SMS: 2")
    box(page).fill("á" + "a" * 99)
    expect(counted).to_have_text("Characters: 100 · SMS: 2 · “á” makes it 2")
    box(page).fill("á🙂" + "a" * 98)
    expect(counted).to_have_text("Characters: 100 · SMS: 2 · “á” “🙂” make it 2")
    page.locator("#as-note").click()
    expect(counted).to_have_count(0)


def test_a_sender_without_a_number_cannot_be_answered_which_is_said_at_once(
    visit: Visit, twilio: TwilioPeer
) -> None:
    name = unique("BANK").replace(" ", "")
    twilio.guest(name).says("Your code is 1234")
    page = enter(visit)
    row(page, name).click()
    expect(page.locator(".reply .notice")).to_contain_text(f"{name} is the name of a sender")
    expect(page.get_by_role("button", name="Reply", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Save note")).to_be_visible()


def test_the_page_counts_as_the_server_does(visit: Visit, server: Server) -> None:
    dice = Random(15)
    lengths = [0, 1, 69, 70, 71, 134, 135, 160, 161, 306, 307, 1499, 1500, 1501, 2999, 3100, 4096]
    texts = ["".join(dice.choices(SIGNS, k=length)) for length in lengths * 4]
    texts += ["a" * length for length in lengths] + ["word. " * 600, "á" * 4000, "🙂" * 2000]
    asked = [(text, turn % 5 == 0) for turn, text in enumerate(texts)]
    page = enter(visit)
    expected = [text_split.segments_paid(text, files=files) for text, files in asked]
    assert page.evaluate(COST, asked) == expected
    assert re.search("[^ -~]", texts[3]), "too plain to show anything"
