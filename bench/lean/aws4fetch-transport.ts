import { AwsV4Signer } from "aws4fetch";
import { createHeaders, resolveTarget, type Target, type Transport } from "./transport.ts";

/** Signs with aws4fetch and sends with `fetch`. */
export function createTransport(target: Target): Transport {
  const { url, region, credentials } = resolveTarget(target);
  const method = "POST";
  const service = "dynamodb";
  return async (operation, body, signal) => {
    const headers = createHeaders(operation);
    const signer = new AwsV4Signer({
      ...{ url: url.href, method, headers, body, service, region },
      ...credentials,
    });
    const signed = await signer.sign();
    const answer = await fetch(signed.url, { method, headers: signed.headers, body, signal });
    return { statusCode: answer.status, body: await answer.text() };
  };
}
