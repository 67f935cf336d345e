/** What one change to a policy did, as reports tell it. */
export interface AppliedChange {
  readonly change: { readonly kind: "with" | "without" | "enable" | "disable"; readonly text: string };
  readonly effect: string;
}
