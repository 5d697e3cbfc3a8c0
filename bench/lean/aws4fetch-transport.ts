import { AwsV4Signer } from "aws4fetch";
import { headersOf, resolved, type Target, type Transport } from "./transport.ts";

/** Signed by aws4fetch, sent by `fetch`. */
export function transportOf(target: Target): Transport {
  const { url, region, credentials } = resolved(target);
  const method = "POST";
  const service = "dynamodb";
  return async (operation, body, signal) => {
    const headers = headersOf(operation);
    const signer = new AwsV4Signer({
      ...{ url: url.href, method, headers, body, service, region },
      ...credentials,
    });
    const signed = await signer.sign();
    const answer = await fetch(signed.url, { method, headers: signed.headers, body, signal });
    return { statusCode: answer.status, body: await answer.text() };
  };
}
