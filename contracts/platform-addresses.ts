/** Common addresses are served below it as well, where no other application has a route. */
export const COMMON_PREFIX = '/api/registry';

/** Answers 200 while the platform runs, also as a part of an application that has a `/livez` of its own. */
export const LIVENESS_PATH = `${COMMON_PREFIX}/livez`;

const COMMON = /^\/(?:health|livez|readyz|metrics|openapi\.json|docs(?:\/[^/]+)?)\/?$/;

/** Whether the platform shares the name of this address with many applications, such as `/health`. */
export const isCommonAddress = (path: string): boolean => COMMON.test(path);
