/*
 * supplements RPM.. < KEYS
 *
 * Reads packages with libsolv into the pool of libzypp, and calls what libsolv calls for a modalias(): libzypp's own
 * decoding and fnmatch(3). Prints the names of the packages whose Supplements match a machine that has only the modalias on a line
 * of standard input, one line a key.
 */
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

extern "C" {
#include <solv/pool.h>
#include <solv/repo_rpmdb.h>
}
#include <zypp/sat/Pool.h>
#include <zypp/target/modalias/Modalias.h>

struct Package {
	std::string name;
	std::vector<Id> modaliases;
};

/* PATTERN of `PACKAGE and namespace:modalias(PATTERN)`; 0 for any other dependency */
static Id modalias_of(Pool *pool, Id dep)
{
	if (!ISRELDEP(dep))
		return 0;
	Reldep *both = GETRELDEP(pool, dep);
	if (both->flags != REL_AND || ISRELDEP(both->name) || strcmp(pool_id2str(pool, both->name), "kmp-default") != 0)
		return 0;
	if (!ISRELDEP(both->evr))
		return 0;
	Reldep *name = GETRELDEP(pool, both->evr);
	return name->flags == REL_NAMESPACE && name->name == NAMESPACE_MODALIAS ? name->evr : 0;
}

int main(int argc, char **argv)
{
	Pool *pool = zypp::sat::Pool::instance().get();
	Repo *repo = repo_create(pool, "exported");
	std::vector<Package> packages;

	for (int i = 1; i < argc; i++) {
		Id id = repo_add_rpm(repo, argv[i], 0);
		if (!id) {
			std::cerr << argv[i] << ": " << pool_errstr(pool) << "\n";
			return 2;
		}
		Solvable *s = pool_id2solvable(pool, id);
		Package package{pool_id2str(pool, s->name), {}};
		Queue deps;
		queue_init(&deps);
		solvable_lookup_deparray(s, SOLVABLE_SUPPLEMENTS, &deps, 0);
		for (int j = 0; j < deps.count; j++) {
			Id dep = modalias_of(pool, deps.elements[j]);
			if (!dep) {
				std::cerr << argv[i] << ": " << pool_dep2str(pool, deps.elements[j]) << " is not of kmp-default\n";
				return 2;
			}
			package.modaliases.push_back(dep);
		}
		queue_free(&deps);
		packages.push_back(package);
	}
	for (std::string key; std::getline(std::cin, key);) {
		const char *space = "";
		zypp::target::Modalias::instance().modaliasList({key});
		for (const Package &package : packages)
			for (Id pattern : package.modaliases)
				if (pool->nscallback(pool, pool->nscallbackdata, NAMESPACE_MODALIAS, pattern)) {
					std::cout << space << package.name;
					space = " ";
					break;
				}
		std::cout << "\n";
	}
	return 0;
}
