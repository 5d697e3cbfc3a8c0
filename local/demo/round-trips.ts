import type { Cloud } from "../cloud.ts";

/**
 * Counts the requests to DynamoDB on the wire while an action runs, the SDK's own retries included.
 *
 * @param except the logical id of a function to leave out, without the hash at its end.
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
