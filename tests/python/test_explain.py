"""A lead explained: the data comes back as JSON and as a page, whatever it holds."""

from __future__ import annotations

import json
from pathlib import Path

import leadkit
import pytest
from leadkit import testing


def test_an_explanation_is_json_and_a_page(tmp_path: Path) -> None:
    db = testing.open(":memory:", now="2026-03-02T15:00:00Z", seed=1)
    db.fields.define("size", label="Size", kind="number")
    lead = db.leads.add(
        email="ada@example.org",
        phone="+1 212 736 5000",
        first_name="<b>Ada",
        score=7,
        tags=["vip"],
        **{"custom.size": 2.5},
    )
    db.consent.record("grant", "web form", lead=lead.id, channel="sms", wording="Yes")
    db.comms.log(lead.id, "voice", body="Wants prices", price=leadkit.Money("0.05", "USD"))
    db.comms.queue_call(lead.id, agent="+12127365099")
    why = db.leads.explain(lead.id)
    data = json.loads(why.to_json())
    assert data["at"] == "2026-03-02T15:00:00.000Z"
    assert [field["field"] for field in data["fields"]] == [field.field for field in why.fields]
    assert data["contacts"]["newest"][1]["price"] == {"amount": "0.05", "currency": "USD"}
    assert data["permissions"][0]["decision"] == "allowed" == why.permissions[0].decision
    assert data["permissions"][0]["evidence"]["hours"]["allowed"] is True
    assert why.permissions[0].until is not None

    page = why.to_html()
    assert "&lt;b&gt;Ada" in page and "<b>" not in page and "<script" not in page
    why.save_html(tmp_path / "ada.html")
    assert (tmp_path / "ada.html").read_text(encoding="utf-8") == page
    assert why._repr_html_().startswith("<iframe")
    with pytest.raises(leadkit.NotFound):
        db.leads.explain(99)


def test_a_view_explains_what_it_sees() -> None:
    db = leadkit.open(":memory:")
    lead = db.leads.add(email="ada@example.org", phone="+1 212 736 5000", city="London")
    profile: leadkit.AccessProfile = {"fields": {"email": "mask", "phone": "hide"}, "others": "show"}
    assert db.settings.set(profiles={"support": profile}).profiles == {"support": profile}
    why = db.as_actor("tom", profile="support").leads.explain(lead.id)
    text = why.to_json() + why.to_html()
    assert "a…@example.org" in text and "ada@" not in text and "7365000" not in text and "London" in text
