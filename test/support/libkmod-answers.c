/* libkmod-answers MODULES_DIR [CONFIG..]: reads modaliases, two hexadecimal digits a byte, one a line; prints the names of the modules that libkmod
 * finds for each, in its order with its repeats, or "error" and its code. Of configuration it reads what is named; with any it prints
 * what it understood of that too, one line each. */
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_config(const char *keyword, struct kmod_config_iter *it)
{
	while (kmod_config_iter_next(it)) {
		const char *value = kmod_config_iter_get_value(it);

		printf("%s %s %s\n", keyword, kmod_config_iter_get_key(it), value ? value : "");
	}
	kmod_config_iter_free_iter(it);
}

int main(int argc, char **argv)
{
	static char line[65536], key[32768];
	struct kmod_ctx *ctx = argc < 2 ? NULL : kmod_new(argv[1], (const char *const *)(argv + 2));

	if (!ctx || kmod_load_resources(ctx) < 0)
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
	if (argc > 2) {
		print_config("alias", kmod_config_get_aliases(ctx));
		print_config("blacklist", kmod_config_get_blacklists(ctx));
		print_config("install", kmod_config_get_install_commands(ctx));
		print_config("remove", kmod_config_get_remove_commands(ctx));
	}
	return 0;
}
