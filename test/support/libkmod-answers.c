/* libkmod-answers MODULES_DIR: reads modaliases, two hexadecimal digits a byte, one a line; prints the names of the modules that libkmod
 * finds for each, in its order with its repeats, or "error" and its code. No configuration is read. */
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	static char line[65536], key[32768];
	const char *const no_config[] = { NULL };
	struct kmod_ctx *ctx = kmod_new(argv[1], no_config);

	if (argc != 2 || kmod_load_resources(ctx) < 0)
		return 1;
	while (fgets(line, sizeof line, stdin)) {
		struct kmod_list *list = NULL, *it;
		size_t n = 0;
		unsigned byte;
		int err, first = 1;

		for (char *p = line; sscanf(p, "%2x", &byte) == 1; p += 2)
			key[n++] = (char)byte;
		key[n] = '\0';
		err = kmod_module_new_from_lookup(ctx, key, &list);
		if (err < 0)
			printf("error %d", err);
		kmod_list_foreach(it, list) {
			struct kmod_module *mod = kmod_module_get_module(it);
			printf(first ? "%s" : " %s", kmod_module_get_name(mod));
			first = 0;
			kmod_module_unref(mod);
		}
		kmod_module_unref_list(list);
		putchar('\n');
	}
	return 0;
}
