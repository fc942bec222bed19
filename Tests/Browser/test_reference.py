"""The page that shows the interface, and calls it."""

import json

from playwright.sync_api import expect


def operation(page, method, path):
    """An operation's part of the page, opened."""
    part = page.locator("details.operation").filter(
        has=page.locator("summary .method", has_text=method)).filter(
        has=page.get_by_text(path, exact=True))
    part.locator("summary").click()
    return part


def test_every_operation_is_shown(visit, server):
    window = visit()
    window.page.goto(f"{server.url}/docs")
    document = server.rest.get("/v3/api-docs").json
    count = sum(len(item) for item in document["paths"].values())
    expect(window.page.locator("details.operation")).to_have_count(count)


def test_an_operation_is_called_with_a_token(visit, server, mina):
    window = visit()
    window.page.goto(f"{server.url}/docs")
    window.page.get_by_label("Access token").fill(mina.token)
    part = operation(window.page, "POST", "/api/openchat")
    part.get_by_label("Body").fill(json.dumps({"title": "Made by the page"}))
    part.get_by_role("button").click()
    expect(part.get_by_role("status")).to_contain_text("201")
    expect(part.get_by_role("status")).to_contain_text("Made by the page")


def test_what_is_refused_is_shown(visit, server):
    window = visit()
    window.page.goto(f"{server.url}/docs")
    part = operation(window.page, "GET", "/api/openchat/{id}")
    part.get_by_label("id (path)").fill("1")
    part.get_by_role("button").click()
    expect(part.get_by_role("status")).to_contain_text("401")
    expect(part.get_by_role("status")).to_contain_text("TK001")
    window.forgives("401")
