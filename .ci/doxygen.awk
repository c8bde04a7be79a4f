# SPDX-License-Identifier: BSL-1.0
# Hides defaulted constructors and assignments without a comment from Doxygen: they do the usual.
/= default;/ && !/operator(==|<=>)/ && previous !~ /^ *\/\/\// { previous = $0; print ""; next }
{ previous = $0; print }
