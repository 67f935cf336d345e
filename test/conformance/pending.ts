/** Cases of the specification that have no check yet, in its order. */
export const PENDING: readonly string[] = [];
