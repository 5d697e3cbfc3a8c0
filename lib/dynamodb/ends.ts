import { GRACE_SECONDS } from "../protocol/retention.ts";

/** The end of a record, which conditions compare, and its deletion by TTL, which is later. */
export function endUpdate(expiresAtSeconds: number | undefined) {
  return expiresAtSeconds === undefined
    ? { set: "", remove: ["#endsAt", "#expiresAt"], values: {} }
    : {
        set: ", #endsAt = :endsAt, #expiresAt = :expiresAt",
        remove: [],
        values: {
          ":endsAt": { N: String(expiresAtSeconds) },
          ":expiresAt": { N: String(expiresAtSeconds + GRACE_SECONDS) },
        },
      };
}

/** Epoch seconds, as DynamoDB's number. */
export function seconds(ms: number) {
  return { N: String(Math.floor(ms / 1000)) };
}
