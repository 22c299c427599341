"""The store of latents and its ids."""

from __future__ import annotations

import threading

import pytest

from vjepa2_world_model.latents import LatentId, LatentStore, UnknownLatentError


def test_gives_back_what_was_put() -> None:
    """Ids count from 1 within a session that is not 0."""
    store: LatentStore[str] = LatentStore(2)
    first, second = store.put("a"), store.put("b")
    assert (first.number, second.number) == (1, 2)
    assert first.session == second.session == store.session
    assert 0 < store.session < 2**64
    assert (store.get(second), store.get(first)) == ("b", "a")


def test_lets_go_of_the_least_recently_used() -> None:
    """A latent that is used stays, however old."""
    store: LatentStore[str] = LatentStore(2)
    goal, view = store.put("goal"), store.put("view")
    store.get(goal)
    store.put("next view")
    assert store.get(goal) == "goal"
    with pytest.raises(UnknownLatentError, match=r"2 others were used since.*parameter latents"):
        store.get(view)


def test_knows_its_own_session_only() -> None:
    """An id of another store names nothing, whatever its number."""
    old: LatentStore[str] = LatentStore(2)
    latent = old.put("a")
    new: LatentStore[str] = LatentStore(2)
    new.put("b")
    with pytest.raises(UnknownLatentError, match=r"earlier session.*encode its image again"):
        new.get(latent)


@pytest.mark.parametrize("number", [0, 2, 2**64 - 1])
def test_refuses_numbers_never_given_out(number: int) -> None:
    """The message names the id."""
    store: LatentStore[str] = LatentStore(2)
    store.put("a")
    unknown = LatentId(store.session, number)
    with pytest.raises(UnknownLatentError, match=f"{unknown} was never given out"):
        store.get(unknown)


def test_refuses_to_keep_nothing() -> None:
    """A store without room would lose what it has just given an id."""
    with pytest.raises(ValueError, match="capacity must be at least 1"):
        LatentStore(0)


def test_threads_get_ids_of_their_own() -> None:
    """Puts from several threads never share a number."""
    store: LatentStore[int] = LatentStore(4000)
    ids: list[list[LatentId]] = [[] for _ in range(4)]

    def fill(mine: list[LatentId]) -> None:
        mine.extend(store.put(i) for i in range(1000))

    threads = [threading.Thread(target=fill, args=(mine,)) for mine in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {latent.number for mine in ids for latent in mine} == set(range(1, 4001))
    assert all(store.get(latent) == i for mine in ids for i, latent in enumerate(mine))
