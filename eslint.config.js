// Rules for the scripts of the pages. Run by `make check`.
import js from "@eslint/js";
import globals from "globals";

export default [
  {
    ignores: [
      ".*/",
      "bench/.cache/",
      "htmlcov/",
      "instance/",
      "jack/pages/static/vendor/",
      "**/*.d.ts",
    ],
  },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2024, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "max-len": [
        "error",
        {
          code: 100,
          ignoreStrings: true,
          ignoreTemplateLiterals: true,
          ignoreRegExpLiterals: true,
        },
      ],
      "max-lines": ["error", 300],
      "max-lines-per-function": ["error", { max: 40, skipComments: true }],
      "no-implicit-globals": "error",
      "no-shadow": ["error", { builtinGlobals: false }],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["jack/**/*.js"],
    languageOptions: { globals: { ...globals.browser, SwaggerUIBundle: "readonly" } },
  },
];
