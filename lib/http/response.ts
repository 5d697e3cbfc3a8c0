/** What a Lambda function answers to API Gateway, a function URL or a load balancer. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly (string | number | boolean)[]>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly cookies?: readonly string[];
}

/** A copy that shares nothing with the response that could be changed. */
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

/** All values of a header; `name` in lower case. Where it stands in both forms, its list is the whole of it. */
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

/** The response without the headers that `isDropped` names, by their names in lower case. */
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

/** The response with a header in place of all that have its name. */
export function withHeader(response: HttpResponse, name: string, value: string): HttpResponse {
  const lowerCased = name.toLowerCase();
  const rest = withoutHeaders(response, (found) => found === lowerCased);
  return { ...rest, headers: { ...rest.headers, [name]: value } };
}
