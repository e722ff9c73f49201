"""Events out of the database, in pieces that never hold more than a few thousand in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, Select, Table, select, tuple_

from validator.history.blobs import Blobs
from validator.history.chain import Head, Sealed
from validator.history.stream import Stream
from validator.history.tables import EVENT

PIECE = 2000
"""Events that are read at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One stored event with its place in the chain."""

    sealed: Sealed
    prev: str
    head: Head
    """The position and hash that are stored with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvents:
    """The events of one tenant as one transaction sees them."""

    connection: Connection
    blobs: Blobs
    tenant: str

    def of_run(self, run: str, stream: Stream, *, start: int = 0) -> list[Sealed]:
        """The events of one run in their order, from number `start` on."""
        query = (
            select(EVENT)
            .where(
                EVENT.c.tenant == self.tenant,
                EVENT.c.run == run,
                EVENT.c.stream == stream.value,
                EVENT.c.seq >= start,
            )
            .order_by(EVENT.c.seq)
        )
        return [self._sealed(row) for row in self._rows(query)]

    def chain(self, table: Table = EVENT) -> Iterator[Link]:
        """All events in the order of the chain."""
        after = 0
        while True:
            query = (
                select(table)
                .where(table.c.tenant == self.tenant, table.c.position > after)
                .order_by(table.c.position)
                .limit(PIECE)
            )
            rows = self._rows(query)
            for row in rows:
                head = Head(position=row["position"], hash=row["hash"])
                yield Link(sealed=self._sealed(row), prev=row["prev"], head=head)
            if len(rows) < PIECE:
                return
            after = rows[-1]["position"]

    def by_run(self) -> Iterator[Sealed]:
        """All events, run by run, stream by stream, in their order."""
        place = ("", "", -1)
        while True:
            query = (
                select(EVENT)
                .where(EVENT.c.tenant == self.tenant, tuple_(EVENT.c.run, EVENT.c.stream, EVENT.c.seq) > place)
                .order_by(EVENT.c.run, EVENT.c.stream, EVENT.c.seq)
                .limit(PIECE)
            )
            rows = self._rows(query)
            for row in rows:
                yield self._sealed(row)
            if len(rows) < PIECE:
                return
            place = (rows[-1]["run"], rows[-1]["stream"], rows[-1]["seq"])

    def _rows(self, query: Select[*tuple[object, ...]]) -> Sequence[RowMapping]:
        return self.connection.execute(query).mappings().fetchall()

    def _sealed(self, row: RowMapping) -> Sealed:
        """A stored event with its payload, from wherever that is kept."""
        payload = row["payload"]
        if payload is None:
            payload = self.blobs.read(self.connection, self.tenant, row["blob"])
        return Sealed(
            id=row["id"],
            run=row["run"],
            stream=Stream(row["stream"]),
            seq=row["seq"],
            at=row["at"],
            type=row["type"],
            version=row["version"],
            payload=payload,
        )
