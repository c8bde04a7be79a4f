// expect: pruneplan: containers must be a range
#include "parts.hpp"

void plan() { plan_all(GoodStore{}, 7); }
