"""The tests of the web client's modules, which run in a browser."""

from pathlib import Path

HERE = Path(__file__).parent


def test_the_modules_of_the_web_client_keep_their_promises(browser, server):
    page = browser.new_page()
    # The node serves the modules; the tests are put beside them for this page alone.
    page.route(
        "**/tests/*",
        lambda route: route.fulfill(path=HERE / route.request.url.rpartition("/")[2]))
    page.goto(f"{server.url}/tests/modules_test.html")
    page.wait_for_function("document.title !== 'running'")
    results = page.evaluate("window.results")
    page.close()
    assert results
    assert {each["name"]: each["failure"] for each in results if each["failure"]} == {}
