import type { Cloud } from "../cloud.ts";

/**
 * Counts the requests to DynamoDB while something happens, on the wire, the SDK's own retries
 * included.
 *
 * @param except the logical id of a function that is not counted, without the hash at its end.
 */
export async function countRoundTrips<Result>(
  cloud: Cloud,
  except: string,
  action: () => Promise<Result>,
): Promise<{ result: Result; roundTrips: number }> {
  let roundTrips = 0;
  const stop = cloud.tap.onRequest(({ environmentId = "" }) => {
    if (!environmentId.startsWith(except)) roundTrips += 1;
    return "forward";
  });
  try {
    const result = await action();
    return { result, roundTrips };
  } finally {
    stop();
  }
}
