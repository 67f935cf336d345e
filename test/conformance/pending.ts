/** Cases of the specification that have no check yet, in its order: UDP, ICMP, forwarding, pend and the like. */
export const PENDING: readonly string[] = [];
