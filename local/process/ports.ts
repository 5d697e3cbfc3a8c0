import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";

/** The only interface the local cloud listens on: it has no business on the network. */
export const LOOPBACK = "127.0.0.1";

/**
 * Listens on a loopback port (0: any free one) and returns the port.
 *
 * @throws when the port is taken, naming the port and the option that picks another.
 */
export async function listen(server: Server, port = 0): Promise<number> {
  server.listen(port, LOOPBACK);
  try {
    await once(server, "listening");
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EADDRINUSE" ? busyPort(port) : error;
  }
  return (server.address() as AddressInfo).port;
}

/**
 * Finds a port for a process that cannot choose a free one itself and tell us.
 *
 * @param port the wanted port; 0 or nothing means any.
 * @throws when the wanted port is taken.
 */
export async function reservePort(port = 0): Promise<number> {
  const server = createServer();
  const reserved = await listen(server, port);
  server.close();
  await once(server, "close");
  return reserved;
}

function busyPort(port: number): Error {
  return new Error(
    `Port ${port} of ${LOOPBACK} is already in use. Pick another with --port, or end what uses it.`,
  );
}
