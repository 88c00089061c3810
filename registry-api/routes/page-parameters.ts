/** Query parameters of every list that is read page by page. */
export const PAGE = {
  limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
  cursor: { type: 'string', maxLength: 1000, description: '`nextCursor` of the page before.' },
};
