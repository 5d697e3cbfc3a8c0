let created = 0;

/** Stands for any effect that must happen once. */
export async function createTransfer(_event: { readonly body?: string }) {
  created += 1;
  return { statusCode: 201, headers: { location: `/transfers/t-${created}` } };
}
