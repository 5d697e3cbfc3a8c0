/** The response of a Lambda function to API Gateway, a function URL, a load balancer or VPC Lattice. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly (string | number | boolean)[]>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly cookies?: readonly string[];
}

/** A copy that shares no mutable value with the response. */
export function copyResponse(response: HttpResponse): HttpResponse {
  const { headers, multiValueHeaders, cookies } = response;
  return {
    ...response,
    ...(headers && { headers: { ...headers } }),
    ...(multiValueHeaders && {
      multiValueHeaders: Object.fromEntries(
        Object.entries(multiValueHeaders).map(([name, values]) => [name, [...values]]),
      ),
    }),
    ...(cookies && { cookies: [...cookies] }),
  };
}

/** All values of a header; `name` in lower case. A header in both forms: the list has all its values. */
export function headerValues(
  { headers = {}, multiValueHeaders = {} }: Pick<HttpResponse, "headers" | "multiValueHeaders">,
  name: string,
): string[] {
  const valuesIn = (form: object) =>
    Object.entries(form).filter(([found]) => found.toLowerCase() === name);
  const listed = valuesIn(multiValueHeaders);
  return (listed.length > 0 ? listed : valuesIn(headers))
    .flatMap(([, values]) => values)
    .map(String);
}

/** The response without the headers that `isDropped` selects by name. */
export function withoutHeaders(
  response: HttpResponse,
  isDropped: (lowerCasedName: string) => boolean,
): HttpResponse {
  const rest = <Value>(headers: Readonly<Record<string, Value>>) =>
    Object.fromEntries(
      Object.entries(headers).filter(([name]) => !isDropped(name.toLowerCase())),
    ) as Record<string, Value>;
  const { headers, multiValueHeaders } = response;
  return {
    ...response,
    ...(headers && { headers: rest(headers) }),
    ...(multiValueHeaders && { multiValueHeaders: rest(multiValueHeaders) }),
  };
}

/** The response with this header in place of all headers of the same name. */
export function withHeader(response: HttpResponse, name: string, value: string): HttpResponse {
  const lowerCased = name.toLowerCase();
  const rest = withoutHeaders(response, (found) => found === lowerCased);
  return { ...rest, headers: { ...rest.headers, [name]: value } };
}
