/** Winsock's error codes, as far as calls of the simulator return them. */
export const WINSOCK_ERROR = {
  WSAEINTR: 10004,
  WSAEACCES: 10013,
  WSAEFAULT: 10014,
  WSAEINVAL: 10022,
  WSAEALREADY: 10037,
  WSAENOTSOCK: 10038,
  WSAEAFNOSUPPORT: 10047,
  WSAEMSGSIZE: 10040,
  WSAEDESTADDRREQ: 10039,
  WSAEADDRINUSE: 10048,
  WSAEADDRNOTAVAIL: 10049,
  WSAENETUNREACH: 10051,
  WSAECONNABORTED: 10053,
  WSAECONNRESET: 10054,
  WSAEISCONN: 10056,
  WSAENOTCONN: 10057,
  WSAESHUTDOWN: 10058,
  WSAETIMEDOUT: 10060,
  WSAECONNREFUSED: 10061,
  WSAEHOSTUNREACH: 10065,
} as const;

/** Name of a Winsock error. */
export type WinsockErrorName = keyof typeof WINSOCK_ERROR;

/** How a socket call ended. */
export type SocketResult = "ok" | WinsockErrorName;
