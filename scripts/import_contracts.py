"""Contract types that import-linter does not have; pyproject.toml has the contracts, `make check` runs them.

All are by kind of file: a new module is held to the rule without being named.
"""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.helpers import module_expressions_to_modules


class _DirectImports(Contract):
    """A contract on direct imports; a subclass finds those that are forbidden."""

    def forbidden(self, graph: ImportGraph) -> list[tuple[str, str]]:
        """The imports that break the rule, as (importer, imported)."""
        raise NotImplementedError

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """As import-linter calls it."""
        found = sorted(self.forbidden(graph))
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """A line for each import."""
        for importer, imported in check.metadata["found"]:
            output.print_error(f"{importer} must not import {imported}", bold=False)


class AllowedOnly(_DirectImports):
    """Of `imported`, the `importers` may import nothing but what is `allowed`; `exempt` importers may import all of it."""

    type_name = "allowed_only"

    importers = fields.ListField(subfield=fields.ModuleExpressionField())
    imported = fields.ListField(subfield=fields.ModuleExpressionField())
    allowed = fields.ListField(subfield=fields.ModuleExpressionField())
    exempt = fields.ListField(subfield=fields.ModuleExpressionField(), required=False, default=[])

    def forbidden(self, graph: ImportGraph) -> list[tuple[str, str]]:
        """See the class."""
        importers, imported, allowed, exempt = (
            {
                module.name
                for module in module_expressions_to_modules(graph, expressions, as_packages=False)
            }
            for expressions in (self.importers, self.imported, self.allowed, self.exempt)
        )
        return [
            (importer, module)
            for importer in importers - exempt
            for module in graph.find_modules_directly_imported_by(importer) & (imported - allowed)
        ]


class OwnPackageOnly(_DirectImports):
    """A module whose own name is in `kinds` is imported by modules of its own package only, and by those `exempt`.

    In its package only routes import it: a store must not import `schemas` either.
    """

    type_name = "own_package_only"

    kinds = fields.SetField(subfield=fields.StringField())
    exempt = fields.SetField(subfield=fields.StringField(), required=False, default=set())

    def forbidden(self, graph: ImportGraph) -> list[tuple[str, str]]:
        """See the class."""
        modules = [name for name in graph.modules if name.rpartition(".")[2] in self.kinds]
        return [
            (importer, module)
            for module in modules
            for importer in graph.find_modules_that_directly_import(module)
            if importer not in self.exempt and importer != f"{module.rpartition('.')[0]}.routes"
        ]


class PackageOrder(_DirectImports):
    """A package of `container` imports only packages that stand below it; `layers` has all of them, top first.

    Packages beside each other (`tasks | webchat`) do not import each other. Modules whose own name is in `except_kinds`
    (`routes`) are not checked.
    """

    type_name = "package_order"

    container = fields.StringField()
    layers = fields.ListField(subfield=fields.StringField())
    except_kinds = fields.SetField(subfield=fields.StringField(), required=False, default=set())

    def forbidden(self, graph: ImportGraph) -> list[tuple[str, str]]:
        """See the class."""
        places = {
            package.strip(): place
            for place, layer in enumerate(self.layers)
            for package in layer.split("|")
        }
        unlisted = {
            (f"a package missing in the order, {child},", "anything")
            for child in graph.find_children(self.container)
            if child.rpartition(".")[2] not in places
        }
        return [
            *unlisted,
            *(
                (importer, imported)
                for importer in graph.find_descendants(self.container)
                for imported in graph.find_modules_directly_imported_by(importer)
                if self._is_checked(importer)
                and self._is_checked(imported)
                and self._package(importer) != self._package(imported)
                and places.get(self._package(importer), 0)
                >= places.get(self._package(imported), 99)
            ),
        ]

    def _is_checked(self, module: str) -> bool:
        return (
            module.startswith(f"{self.container}.")
            and module.rpartition(".")[2] not in self.except_kinds
        )

    def _package(self, module: str) -> str:
        return module.removeprefix(f"{self.container}.").partition(".")[0]
