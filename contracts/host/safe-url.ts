/** Query parameters that carry credentials, such as `code` and `access_token`. */
const SECRET_PARAMETER = /([?&](?:[\w-]*(?:token|secret|password|signature)|code|state|key)=)[^&#]*/gi;

/** An address with its credentials redacted, for logs. */
export const safeUrl = (url: string): string => url.replaceAll(SECRET_PARAMETER, '$1[Redacted]');
