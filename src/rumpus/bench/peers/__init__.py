"""What Rumpus is compared with: the C floor, Colyseus, and its own server on other WebSocket libraries."""
