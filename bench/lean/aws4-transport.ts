import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent, request } from "node:https";
import { text } from "node:stream/consumers";
import { sign } from "aws4";
import { createHeaders, resolveTarget, type Target, type Transport } from "./transport.ts";

/** Signs with aws4 and sends with Node's own client, over kept connections. */
export function createTransport(target: Target): Transport {
  const { url, region, credentials } = resolveTarget(target);
  const isSecure = url.protocol === "https:";
  const agent = new (isSecure ? Agent : HttpAgent)({ keepAlive: true });
  return async (operation, body, signal) => {
    const headers = { ...createHeaders(operation), host: url.host };
    const signed = sign(
      { service: "dynamodb", region, method: "POST", path: "/", headers, body },
      credentials,
    );
    return new Promise((resolve, reject) => {
      const sent = (isSecure ? request : httpRequest)(
        url,
        { method: "POST", headers: { ...signed.headers }, agent, signal },
        (answer) => {
          const { statusCode = 0 } = answer;
          text(answer).then((body) => resolve({ statusCode, body }), reject);
        },
      );
      sent.on("error", reject).end(body);
    });
  };
}
