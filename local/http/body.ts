import type { IncomingMessage } from "node:http";

/** Reads a whole HTTP body. */
export async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Reads a body of bounded size. A larger body is read to its end and dropped, because a client that
 * is still sending does not see a response.
 *
 * @returns `undefined` if the body is larger than `limitBytes`.
 */
export async function readBodyUpTo(
  message: IncomingMessage,
  limitBytes: number,
): Promise<Buffer | undefined> {
  let chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of message) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) chunks = [];
    else chunks.push(chunk);
  }
  return sizeBytes > limitBytes ? undefined : Buffer.concat(chunks);
}
