# SPDX-License-Identifier: BSL-1.0
# Hides from Doxygen the constructors and assignments that the compiler writes and that have no comment: they do what
# those of every value do.
/= default;/ && !/operator(==|<=>)/ && previous !~ /^ *\/\/\// { previous = $0; print ""; next }
{ previous = $0; print }
