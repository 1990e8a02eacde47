// Listens, and says on which port in the one line that the benchmark waits for.
import { Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";

export async function serve(name, room) {
  const server = new Server({ transport: new WebSocketTransport({}), greet: false });
  server.define(name, room);
  const port = Number(process.env.PORT);
  await server.listen(port, "127.0.0.1");
  console.log(JSON.stringify({ event: "listening", port }));
}
