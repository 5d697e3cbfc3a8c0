import { GRACE_SECONDS } from "../../lib/protocol/retention.ts";
import {
  changeRecordUpdates,
  changeValues,
  type Plant,
  permit,
  type Update,
  weaken,
} from "./record-updates.ts";

/** The conditions by which no begun work is forgotten. */
const NOTHING_BEGUN = ["attribute_not_exists(#steps)", "attribute_not_exists(#begun)"] as const;

/**
 * The safeguards of freed and ended records, of begun work and of deployments. Their absence shows only
 * where a record ends by time, where a route is deployed with another configuration, or where a message
 * arrives late beside a refusal, so the simulator alone looks for them.
 */
export const WITHOUT_RARE = {
  "a first claim takes freed records": changeFirstClaims(takeFreed),
  "a first claim takes ended records": changeFirstClaims(takeEnded),
  "a replacement names no record": changeReplacements((update) =>
    requireRecord(
      weaken(update, "#owner = :seenOwner", "#fence = :seenFence", "#state = :seenState"),
    ),
  ),
  "a replacement asks for owner and fence alone": changeReplacements((update) =>
    weaken(
      update,
      ...["#state = :seenState", "#endsAt <= :nowSeconds", "#leaseUntil <= :nowMs"],
      ...NOTHING_BEGUN,
    ),
  ),
  "a FREE asks for the owner alone": changeRecordUpdates((update) =>
    isFree(update)
      ? weaken(update, "#fence = :fence", "#claims = :claims", ...NOTHING_BEGUN)
      : update,
  ),
  "a freed record ends at once": changeRecordUpdates(endFreedAtOnce),
  "a refusal frees nothing": changeRecordUpdates((update) => (isFree(update) ? undefined : update)),
  "a commit takes freed records": changeUnclaimedCommits(takeFreed),
  "a claim after the handler takes freed records": changeLateClaims(takeFreed),
  "a commit takes ended records": changeUnclaimedCommits(takeEnded),
  "a commit takes lapsed claims": changeUnclaimedCommits(takeLapsed),
  "a commit ignores the end": changeRecordUpdates((update, operation) =>
    operation === "TransactWriteItems" ? weaken(update, "#endsAt > :nowSeconds") : update,
  ),
  "a restart takes over begun work": changeRecordUpdates((update) =>
    isFirstClaim(update) ? weaken(update, ...NOTHING_BEGUN) : update,
  ),
  "a completer's claim begins work": changeFirstClaims((update) =>
    isOnlyForLapsed(update) ? permit(update, "attribute_not_exists(#id)", ["id"], {}) : update,
  ),
  "begun work is not marked": changeRecordUpdates((update) =>
    update.UpdateExpression.startsWith("SET #begun") ? undefined : update,
  ),
  "a takeover forgets the entity": changeRecordUpdates((update) =>
    weaken(update, "attribute_not_exists(#entityId)"),
  ),
  "TTL deletes at the end": changeRecordUpdates((update) =>
    changeValues(update, (values) =>
      values[":endsAt"] === undefined ? {} : { ":expiresAt": values[":endsAt"] },
    ),
  ),
} satisfies Record<string, Plant>;

export const RARE_FAULTS = Object.keys(WITHOUT_RARE) as (keyof typeof WITHOUT_RARE)[];

function isFree({ UpdateExpression }: Update): boolean {
  return UpdateExpression.startsWith("SET #state = :freed");
}

function isFirstClaim({ UpdateExpression }: Update): boolean {
  return /^SET #state = :claimed.*if_not_exists\(#fence/.test(UpdateExpression);
}

function changeFirstClaims(change: (update: Update) => Update): Plant {
  return changeRecordUpdates((update) => (isFirstClaim(update) ? change(update) : update));
}

/** Whether a claim takes neither an id without a record nor a record that it names. */
function isOnlyForLapsed({ ConditionExpression }: Update): boolean {
  return !/attribute_not_exists\(#id\)|:seenOwner/.test(ConditionExpression);
}

/** Changes the first claims of executions that have tried to commit without a claim. */
function changeLateClaims(change: (update: Update) => Update): Plant {
  const committers = new Set<unknown>();
  return changeRecordUpdates((update) => {
    const owner = (update.ExpressionAttributeValues?.[":me"] as { readonly S?: string })?.S;
    if (isUnclaimedCommit(update)) committers.add(owner);
    return isFirstClaim(update) && committers.has(owner) ? change(update) : update;
  });
}

/** Changes the claims and the frees that name the record that they replace. */
function changeReplacements(change: (update: Update) => Update): Plant {
  return changeRecordUpdates((update) =>
    update.ConditionExpression.includes(":seenOwner") ? change(update) : update,
  );
}

/** Without a record there is no fence to add to. */
function requireRecord(update: Update): Update {
  const ConditionExpression = `attribute_exists(#owner) AND ${update.ConditionExpression}`;
  return { ...update, ConditionExpression };
}

/** Changes the commits that are the claim as well. */
function changeUnclaimedCommits(change: (update: Update) => Update): Plant {
  return changeRecordUpdates((update) => (isUnclaimedCommit(update) ? change(update) : update));
}

function isUnclaimedCommit({ UpdateExpression, ConditionExpression }: Update): boolean {
  return (
    UpdateExpression.startsWith("SET #state = :completed") &&
    ConditionExpression === "attribute_not_exists(#id)"
  );
}

function takeFreed(update: Update): Update {
  return permit(update, "#state = :plantedState", ["state"], { ":plantedState": { S: "FREED" } });
}

function takeEnded(update: Update): Update {
  return permit(update, "#endsAt <= :plantedSeconds", ["endsAt"], {
    ":plantedSeconds": { N: String(Math.floor(readNowMs(update) / 1_000)) },
  });
}

function takeLapsed(update: Update): Update {
  return permit(
    update,
    "(#state = :plantedState AND #leaseUntil <= :plantedMs AND #fingerprint = :fingerprint)",
    ["state", "leaseUntil", "fingerprint"],
    { ":plantedState": { S: "CLAIMED" }, ":plantedMs": { N: String(readNowMs(update)) } },
  );
}

/** The time of a claim. A commit that claims has it as its fence. */
function readNowMs({ ExpressionAttributeValues = {} }: Update): number {
  const { ":nowMs": now, ":fence": fence } = ExpressionAttributeValues as Record<
    string,
    { readonly N?: string }
  >;
  return Number(now?.N ?? fence?.N);
}

/** Freeing is an end in the past, which TTL may delete. */
function endFreedAtOnce(update: Update): Update {
  if (!isFree(update)) return update;
  return changeValues(update, ({ ":endsAt": endsAt }) => {
    const nowSeconds = { N: String(Number(endsAt?.N) - GRACE_SECONDS - 1) };
    return { ":endsAt": nowSeconds, ":expiresAt": nowSeconds };
  });
}
