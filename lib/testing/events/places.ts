/** The places and times of events that no test depends on. */
export const REGION = "eu-central-1";
export const ACCOUNT = "123456789012";
export const SOURCE_IP = "192.0.2.1";
/** 2026-01-01T00:00:00Z, at which `testClock` begins. */
export const TIME_MS = Date.UTC(2026, 0, 1);
/** The same, as API Gateway writes it. */
export const GATEWAY_TIME = "01/Jan/2026:00:00:00 +0000";

let created = 0;

/** A number that no event or context has had before in this process. */
export function nextNumber(): number {
  created += 1;
  return created;
}

/** A UUID that no event or context has had before in this process. */
export function nextId(): string {
  return `00000000-0000-4000-8000-${String(nextNumber()).padStart(12, "0")}`;
}
