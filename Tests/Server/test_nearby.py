"""Trades around a place, over REST, on each kind of store."""

import math
import random

import pytest

EARTH_KM = 6371.0088
SEOUL = (37.5665, 126.978)


@pytest.fixture(scope="module")
def mina(site):
    return site.join("Mina")


@pytest.fixture(scope="module")
def offer(mina):
    """Offers something at a place, and answers with its number."""

    def make(place, category="ITEM"):
        body = {"title": "Dog bed", "content": "Hardly used", "category": category, "price": 1000}
        if place:
            body |= {"latitude": place[0], "longitude": place[1]}
        made = mina.rest.post("/api/trade", body)
        assert made.status == 201, made.body
        return made.json["id"]

    return make


@pytest.fixture(scope="module")
def nearby(site):
    """Asks what is around a place, and answers with the page."""

    def ask(place, **query):
        query = {"size": 100, **query}
        words = "&".join(f"{name}={value}" for name, value in query.items())
        answer = site.rest.get(
            f"/api/trade/nearby?latitude={place[0]}&longitude={place[1]}&{words}")
        assert answer.status == 200, answer.body
        return answer.json

    return ask


@pytest.fixture(scope="module")
def offers(offer):
    """Trades where it is hard to find them, by number."""
    chance = random.Random(5)
    places = [(90, 0), (89.99, 120), (89.99, -60), (-90, 0), (-89.98, 179), (0.01, 180), (0, -179.99),
              (0, 179.98), (0, -180), SEOUL, SEOUL, SEOUL]
    places += [(chance.uniform(37.4, 37.7), chance.uniform(126.8, 127.2)) for _ in range(40)]
    places += [(chance.uniform(-90, 90), chance.uniform(-180, 180)) for _ in range(20)]
    return {offer(place): place for place in places}


def distance_km(one, other):
    """By the haversine formula."""
    north, east = (math.radians(b - a) for a, b in zip(one, other))
    share = math.sin(north / 2) ** 2 + math.cos(math.radians(one[0])) * math.cos(
        math.radians(other[0])) * math.sin(east / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1, math.sqrt(share)))


@pytest.mark.parametrize("radius_km", [1, 5, 300, 20_100])
@pytest.mark.parametrize("center", [
    SEOUL, (37.5, 127.0), (0, 180), (0, -180), (90, 50), (-90, 0), (0, 0),
], ids=str)
def test_what_is_near_is_found_wherever_it_is(offers, nearby, center, radius_km):
    expected = {trade: distance_km(center, place) for trade, place in offers.items()}
    expected = {trade: km for trade, km in expected.items() if km <= radius_km}
    page = nearby(center, radiusKm=radius_km)
    found = [each for each in page["content"] if each["id"] in offers]
    assert {each["id"] for each in found} == set(expected)
    distances = [each["distanceKm"] for each in found]
    assert distances == sorted(distances)
    for each in found:
        assert abs(each["distanceKm"] - expected[each["id"]]) < 0.001


def test_the_radius_is_5_km_unless_said(offers, nearby):
    assert nearby(SEOUL) == nearby(SEOUL, radiusKm=5)
    assert nearby(SEOUL)["totalElements"] < nearby(SEOUL, radiusKm=50)["totalElements"]


def test_pages_hold_each_once_the_nearest_first(offers, nearby):
    whole = nearby(SEOUL, radiusKm=100)
    pages = [nearby(SEOUL, radiusKm=100, size=7, page=number) for number in range(1, 9)]
    joined = [each["id"] for page in pages for each in page["content"]]
    assert joined == [each["id"] for each in whole["content"]]
    assert {page["totalElements"] for page in pages} == {whole["totalElements"]} == {len(joined)}


def test_a_category_is_found_alone(offer, nearby):
    place = (10.5, 10.5)
    food, item = offer(place, "FOOD"), offer(place, "ITEM")
    found = {category: [each["id"] for each in nearby(place, category=category)["content"]]
             for category in ("FOOD", "ITEM")}
    assert found == {"FOOD": [food], "ITEM": [item]}
    assert {each["id"] for each in nearby(place)["content"]} == {food, item}


def test_a_trade_is_found_where_it_is_now(mina, offer, nearby):
    before, after = (-20.5, 30.5), (-21.5, 31.5)
    trade = offer(before)
    address = f"/api/trade/{trade}"
    moved = mina.rest.put(
        address, {"latitude": after[0], "longitude": after[1], "category": "FOOD"})
    assert moved.status == 200
    assert nearby(before)["content"] == []
    assert [each["id"] for each in nearby(after, category="FOOD")["content"]] == [trade]
    assert nearby(after, category="ITEM")["content"] == []
    assert mina.rest.delete(address).status == 200
    assert nearby(after)["totalElements"] == 0


def test_a_trade_without_a_place_is_nowhere(offer, nearby):
    trade = offer(None)
    page = nearby((0, 0), radiusKm=20_100)
    assert trade not in [each["id"] for each in page["content"]]


def test_what_is_near_is_shown_as_in_lists(site, offer, nearby):
    trade = offer((-40.25, -70.25))
    shown = site.rest.get(f"/api/trade/{trade}").json
    assert nearby((-40.25, -70.25))["content"] == [{**shown, "distanceKm": 0}]


@pytest.mark.parametrize("query, fields", [
    ("", ["latitude", "longitude"]),
    ("latitude=91&longitude=181", ["latitude", "longitude"]),
    ("latitude=nan&longitude=inf", ["latitude", "longitude"]),
    ("latitude=1&longitude=1&radiusKm=-1", ["radiusKm"]),
    ("latitude=1&longitude=1&radiusKm=20101", ["radiusKm"]),
    ("latitude=1&longitude=1&category=CAR", ["category"]),
    ("latitude=1&longitude=1&size=101", ["size"]),
])
def test_unusable_questions_are_refused(site, query, fields):
    answer = site.rest.get(f"/api/trade/nearby?{query}")
    assert answer.error == (400, "R008") and answer.refused_fields == fields
