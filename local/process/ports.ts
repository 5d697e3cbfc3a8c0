import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";

/** The only interface that the local cloud listens on: it must not be reachable from the network. */
export const LOOPBACK = "127.0.0.1";

/**
 * Listens on a loopback port (0: a free port) and returns the port.
 *
 * @throws if the port is taken, naming the port and the option that picks another.
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
 * Finds a port for a process that cannot choose a free port and report it.
 *
 * @param port the wanted port; 0 means a free port.
 * @throws if the wanted port is taken.
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
    `Port ${port} of ${LOOPBACK} is already in use. Pick another with --port, or end the process that uses it.`,
  );
}
