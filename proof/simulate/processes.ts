import type { Environment } from "./environment.ts";
import type { World } from "./world.ts";

/** The two processes of each environment: the first configuration's, and the other's. */
export type ProcessPair = readonly [Environment, Environment];

/** The processes that serve new requests. A deployment, or a rollback, changes them one after the other. */
export function createProcesses(world: World, pairs: readonly ProcessPair[]) {
  const deployed = pairs.map(() => 0);
  const environment = (number: number) => pairs[number]?.[deployed[number] ?? 0] as Environment;
  return {
    environment,

    /** Half of the deployments reach all environments at once. */
    deploy(choice: number): void {
      const last = pairs.length - 1;
      const isReached = (number: number) => choice % 4 < 2 || choice % 4 === 2 + number;
      const reached = pairs.flatMap((_, number) =>
        number < last && isReached(number) ? number : [],
      );
      for (const number of reached) deployed[number] = 1 - (deployed[number] ?? 0);
      // After the faults the deployment is over everywhere.
      deployed[last] = deployed[reached[0] ?? 0] ?? 0;
      for (const number of reached) {
        const { profile, claimAt, interrupted, work, rules } = environment(number).configuration;
        world.tell(
          () =>
            `environment ${number + 1} serves new requests with ${profile}, claimAt ${claimAt}, interrupted ${interrupted}, work ${work}, rules ${rules}`,
        );
      }
    },
  };
}
