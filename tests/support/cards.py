"""A game of plain data in which players have secrets from one another."""

from __future__ import annotations

from typing import Any

import rumpus


class Cards(rumpus.Game):
    """Everybody has a hand that the others see the back of. Whoever is `open` about it sees all hands."""

    min_players = 1
    commands = True

    class Input(rumpus.Input):
        card: str = ""
        open: bool = False
        table: list[str | None] | None = None

    def initialize_game(self, settings: Any) -> None:
        self.hands: dict[str, list[str]] = {}
        self.open: set[str] = set()
        self.table: Any = {"top": "joker"}

    def add_player(self, player_id: str, info: rumpus.PlayerInfo) -> None:
        super().add_player(player_id, info)
        self.hands[player_id] = [f"ace of {player_id}"]

    def remove_player(self, player_id: str) -> None:
        super().remove_player(player_id)
        del self.hands[player_id]

    def process_input(self, player_id: str, input_data: Any) -> None:
        if input_data.card:
            self.hands[player_id].append(input_data.card)
        if input_data.table is not None:
            self.table = {str(place): card for place, card in enumerate(input_data.table)}
        self.open ^= {player_id} if input_data.open else set()

    def get_game_state(self) -> Any:
        return {"hands": self.hands, "table": self.table}

    def get_view(self, player_id: str | None, state: Any) -> Any:
        if player_id in self.open:
            return None
        shown = {who: hand if who == player_id else len(hand) for who, hand in state["hands"].items()}
        return {**state, "hands": shown}
