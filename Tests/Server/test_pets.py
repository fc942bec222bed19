"""The pets of users, on each kind of store."""

import pytest

BORI = {"petName": "보리", "petType": "DOG", "petKind": "Jindo", "petGender": "FEMALE"}


@pytest.fixture(scope="module")
def mina(site):
    return site.join("Mina")


def test_pets_are_added_listed_changed_and_taken_away(site):
    owner = site.join("Owner")
    added = owner.rest.post("/api/profile/pet", BORI)
    assert added.status == 201
    bori = added.json
    assert {field: bori[field] for field in BORI} == BORI
    nabi = owner.rest.post(
        "/api/profile/pet", {"petName": "Nabi", "petType": "CAT", "petGender": "MALE"}).json
    assert nabi["petKind"] == ""
    page = owner.rest.get("/api/profile/pet").json
    assert (page["content"], page["totalElements"]) == ([bori, nabi], 2)
    changed = owner.rest.put(f"/api/profile/pet/{bori['id']}", {"petName": "Bora"})
    assert (changed.status, changed.json) == (200, {**bori, "petName": "Bora"})
    assert owner.rest.delete(f"/api/profile/pet/{bori['id']}").status == 200
    assert owner.rest.get("/api/profile/pet").json["content"] == [nabi]


@pytest.mark.parametrize("change, fields", [
    ({"petName": ""}, ["petName"]),
    ({"petType": "DRAGON"}, ["petType"]),
    ({"petGender": None}, ["petGender"]),
    ({"petName": "x" * 31, "petKind": "x" * 51}, ["petName", "petKind"]),
], ids=str)
def test_unusable_fields_are_listed(mina, change, fields):
    answer = mina.rest.post("/api/profile/pet", {**BORI, **change})
    assert answer.error == (422, "R002") and answer.refused_fields == fields


def test_a_pet_is_added_once_by_one_key(mina):
    key = {"Idempotency-Key": "bori"}
    added = [mina.rest.post("/api/profile/pet", BORI, key).json["id"] for _ in range(2)]
    assert added[0] == added[1]


def test_pets_are_their_owners_alone(site, mina):
    pet = mina.rest.post("/api/profile/pet", BORI).json["id"]
    jun, path = site.join("Jun"), f"/api/profile/pet/{pet}"
    assert jun.rest.put(path, {"petName": "Mine"}).error == (404, "U005")
    assert jun.rest.delete(path).error == (404, "U005")
    assert site.rest.get("/api/profile/pet").error == (401, "TK001")


def test_nobody_has_more_pets_than_one_may(site):
    owner = site.join("Zoo")
    statuses = [owner.rest.post("/api/profile/pet", BORI).status for _ in range(51)]
    assert statuses == [201] * 50 + [409]
