/* Shadowed rules by BuDDy (libbdd-dev), for comparison: reads rules, one a line, the first asked first, and says how many no packet can reach.
   Order of variables: protocol, addresses, ports. Prints "shadowed seconds nodes". */
#include <bdd.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static BDD prefix(int first, int bits, unsigned value, int length) {
  BDD set = bddtrue;
  for (int bit = length - 1; bit >= 0; bit--) {
    BDD next = bdd_addref(bdd_and(set, (value >> (bits - 1 - bit)) & 1 ? bdd_ithvar(first + bit) : bdd_nithvar(first + bit)));
    bdd_delref(set);
    set = next;
  }
  return set;
}

/* value >= bound (or <=), from the last bit to the first */
static BDD compare(int first, int bits, unsigned bound, int above) {
  BDD set = bddtrue;
  for (int bit = bits - 1; bit >= 0; bit--) {
    int one = (bound >> (bits - 1 - bit)) & 1;
    BDD next;
    if (above) next = one ? bdd_and(bdd_ithvar(first + bit), set) : bdd_or(bdd_ithvar(first + bit), set);
    else next = one ? bdd_or(bdd_nithvar(first + bit), set) : bdd_and(bdd_nithvar(first + bit), set);
    bdd_addref(next);
    bdd_delref(set);
    set = next;
  }
  return set;
}

static BDD both(BDD a, BDD b) {
  BDD set = bdd_addref(bdd_and(a, b));
  bdd_delref(a);
  bdd_delref(b);
  return set;
}

int main(void) {
  unsigned sa, sl, da, dl, s1, s2, d1, d2;
  int protocol, shadowed = 0;
  double limit = getenv("LIMIT") ? atof(getenv("LIMIT")) : 1e9;
  bdd_init(20000000, 2000000);
  bdd_setmaxincrease(4000000);
  bdd_setvarnum(104);
  bdd_gbc_hook(NULL);
  BDD rest = bddtrue;
  clock_t start = clock();
  int done = 0;
  while (scanf("%u %u %u %u %u %u %u %u %d", &sa, &sl, &da, &dl, &s1, &s2, &d1, &d2, &protocol) == 9) {
    BDD rule = protocol < 0 ? bddtrue : prefix(0, 8, (unsigned)protocol, 8);
    rule = both(rule, prefix(8, 32, da, (int)dl));
    rule = both(rule, prefix(40, 32, sa, (int)sl));
    rule = both(rule, both(compare(72, 16, d1, 1), compare(72, 16, d2, 0)));
    rule = both(rule, both(compare(88, 16, s1, 1), compare(88, 16, s2, 0)));
    BDD left = bdd_addref(bdd_and(rest, rule));
    if (left == bddfalse) shadowed++;
    BDD next = bdd_addref(bdd_apply(rest, rule, bddop_diff));
    bdd_delref(rest);
    bdd_delref(rule);
    bdd_delref(left);
    rest = next;
    done++;
    if ((done & 63) == 0 && (double)(clock() - start) / CLOCKS_PER_SEC > limit) { printf("-1 %f %d\n", (double)(clock() - start) / CLOCKS_PER_SEC, done); return 0; }
  }
  printf("%d %f %d\n", shadowed, (double)(clock() - start) / CLOCKS_PER_SEC, bdd_nodecount(rest));
  return 0;
}
