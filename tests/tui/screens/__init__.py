"""The screens one by one, on comparisons and tables that do what each test says."""
