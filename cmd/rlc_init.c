/* SPDX-License-Identifier: Apache-2.0 */
/* The program rlc-init: see cmd/launch/init.c. */
#include "cmd/launch/init.h"

int main(void)
{
	return init_main();
}
