# wechatpay-codegen completions fish > ~/.config/fish/completions/wechatpay-codegen.fish
set -l commands generate check learn diff openapi ir explain completions
set -l none "not __fish_seen_subcommand_from $commands"
complete -c wechatpay-codegen -f
complete -c wechatpay-codegen -l specs -r -F -d 'The folder of pages'
complete -c wechatpay-codegen -s q -l quiet -d 'No progress'
complete -c wechatpay-codegen -s h -l help -d 'Print the help'
complete -c wechatpay-codegen -s V -l version -d 'Print the version'
complete -c wechatpay-codegen -n "$none" -a generate -d 'Write the generated client and the index of operations'
complete -c wechatpay-codegen -n "$none" -a check -d 'Report what is wrong with the pages'
complete -c wechatpay-codegen -n "$none" -a learn -d 'Make recorded messages a reading'
complete -c wechatpay-codegen -n "$none" -a diff -d 'What changed in the API, and for whom'
complete -c wechatpay-codegen -n "$none" -a openapi -d 'Print the whole surface as an OpenAPI 3.1 document'
complete -c wechatpay-codegen -n "$none" -a ir -d 'Print what the pages say as JSON'
complete -c wechatpay-codegen -n "$none" -a explain -d 'Show all stages of a page, or explain a diagnostic'
complete -c wechatpay-codegen -n "$none" -a completions -d 'Print completions for a shell'
complete -c wechatpay-codegen -n '__fish_seen_subcommand_from generate' -l check -d 'Compare only'
complete -c wechatpay-codegen -n '__fish_seen_subcommand_from check' -l format -x -a 'human json github'
complete -c wechatpay-codegen -n '__fish_seen_subcommand_from check' -l deny -x -a warnings
complete -c wechatpay-codegen -n '__fish_seen_subcommand_from check' -l since -x -d 'What is new first: REV:FOLDER'
complete -c wechatpay-codegen -n '__fish_seen_subcommand_from check' -l reading -r -F -d 'Compare with another reading'
complete -c wechatpay-codegen -n '__fish_seen_subcommand_from learn' -l source -x -d 'The name of the reading'
complete -c wechatpay-codegen -n '__fish_seen_subcommand_from learn diff explain' -F
complete -c wechatpay-codegen -n '__fish_seen_subcommand_from diff' -l format -x -a 'human markdown json changelog'
complete -c wechatpay-codegen -n '__fish_seen_subcommand_from diff' -l link -x -d 'The address of the files'
complete -c wechatpay-codegen -n '__fish_seen_subcommand_from diff' -l since -x -a '(git tag 2>/dev/null)'
complete -c wechatpay-codegen -n '__fish_seen_subcommand_from completions' -a 'bash zsh fish'
