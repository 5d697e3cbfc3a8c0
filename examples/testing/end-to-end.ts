import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";

/**
 * Sends one request twice, and once more with another body.
 *
 * @throws Error that shows the responses, if the API did not keep its promise.
 */
export async function checkRetries(url: string, token: string, body: object): Promise<void> {
  const key = randomUUID();
  const send = async (sent: object) => {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "idempotency-key": key,
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify(sent),
    });
    const isReplay = response.headers.get("idempotent-replayed") === "true";
    return { status: response.status, isReplay, body: await response.text() };
  };
  const first = await send(body);
  const repeat = await send(body);
  const other = await send({ ...body, note: "another" });
  const isKept =
    first.status < 300 && repeat.isReplay && repeat.body === first.body && other.status === 422;
  if (!isKept) throw new Error(JSON.stringify({ first, repeat, other }, null, 2));
}

/** `node end-to-end.ts --url https://… --token … --body '{"amountMinor":1}'`, after each deployment. */
if (import.meta.main) {
  const text = { type: "string", default: "" } as const;
  const { values } = parseArgs({ options: { url: text, token: text, body: text } });
  await checkRetries(values.url, values.token, JSON.parse(values.body));
}
