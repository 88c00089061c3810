/** Query parameters of paginated lists. */
export const PAGE = {
  limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
  cursor: { type: 'string', maxLength: 1000, description: '`nextCursor` of the previous page.' },
};
